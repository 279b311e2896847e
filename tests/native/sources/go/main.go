// SPDX-License-Identifier: Apache-2.0
package main

import (
	"fmt"

	"example.com/shop/cart"
)

var limit = 3

func largest[T int | float64](v []T) T {
	m := v[0]
	for _, x := range v {
		if x > m {
			m = x
		}
	}
	return m
}

func main() {
	c := &cart.Cart{}
	add := func(name string) {
		c.Add(cart.Item{Name: name, Price: 1})
	}
	for i := 0; i < limit; i++ {
		add(fmt.Sprint(i))
	}
	fmt.Println(c.Total(), largest([]int{1}), largest([]float64{1}))
}
