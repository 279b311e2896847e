// SPDX-License-Identifier: Apache-2.0
package cart

type Item struct {
	Name  string
	Price float64
}

type Cart struct {
	Items []Item
	byID  map[string]*Item
}

func (c *Cart) Add(i Item) (n int, err error) {
	if c.byID == nil {
		c.byID = map[string]*Item{}
	}
	c.Items = append(c.Items, i)
	return len(c.Items), nil
}

func (c Cart) Total() float64 {
	sum := 0.0
	for _, i := range c.Items {
		price := i.Price
		sum += price
	}
	return sum
}
